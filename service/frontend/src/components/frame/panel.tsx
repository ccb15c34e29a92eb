import { type ReactNode, useId } from "react";

/** One subject of a page. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="rounded-2xl border border-line bg-raised p-5 not-first:mt-5 sm:p-6"
    >
      <h2 className="mb-4 font-semibold" id={id}>
        {title}
      </h2>
      {children}
    </section>
  );
}
