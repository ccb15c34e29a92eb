import { ApprovalsPage } from "@/components/admin/approvals-page";

export default function Page() {
  return <ApprovalsPage />;
}
