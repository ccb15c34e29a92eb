import { AdminUsagePage } from "@/components/admin/usage-page";

export default function Page() {
  return <AdminUsagePage />;
}
