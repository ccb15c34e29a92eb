import type { ReactNode } from "react";

/** A column: what its head says, and what is in it of each row. */
export interface Column<T> {
  /** Empty above buttons. */
  head: string;
  cell: (row: T) => ReactNode;
  /** `name` heads its row, `number` stands at the end, `quiet` is beside the point, `act` holds buttons. */
  kind?: keyof typeof KINDS;
  /** The width of window from which on there is room for it. */
  from?: keyof typeof HIDDEN;
  /** Of its head and cells. */
  className?: string;
}

const KINDS = {
  name: "text-start font-normal",
  number: "text-end tabular-nums",
  quiet: "whitespace-nowrap text-quiet",
  act: "text-end",
} as const;

const HIDDEN = {
  sm: "max-sm:hidden",
  md: "max-md:hidden",
  lg: "max-lg:hidden",
} as const;

interface Props<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Many rows that scroll below their head. */
  dense?: boolean;
}

/** Rows of one kind; a narrow window leaves out what it has no room for. */
export function DataTable<T>({ caption, columns, rows, keyOf, dense = false }: Props<T>) {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">{caption}</caption>
      <thead className={`text-xs text-quiet ${dense ? "sticky top-0 bg-raised" : ""}`}>
        <tr className="border-b border-line">
          {columns.map((column) =>
            column.head === "" ? (
              <td className={classes(column)} key={column.head} />
            ) : (
              <th
                className={`${classes(column)} py-2.5 font-medium whitespace-nowrap ${column.kind === "number" ? "text-end" : "text-start"}`}
                key={column.head}
                scope="col"
              >
                {column.head}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr className="border-b border-line last:border-0" key={keyOf(row)}>
            {columns.map((column) => {
              const looks = `${classes(column)} ${dense ? "py-2" : "py-3"} ${column.kind ? KINDS[column.kind] : ""}`;
              return column.kind === "name" ? (
                <th className={looks} key={column.head} scope="row">
                  {column.cell(row)}
                </th>
              ) : (
                <td className={looks} key={column.head}>
                  {column.cell(row)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function classes({ from, className = "" }: Pick<Column<never>, "from" | "className">): string {
  return `px-3 first:ps-0 last:pe-0 ${from ? HIDDEN[from] : ""} ${className}`;
}
