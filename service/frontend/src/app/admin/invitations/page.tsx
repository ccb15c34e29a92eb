import { InvitationsPage } from "@/components/admin/invitations-page";

export default function Page() {
  return <InvitationsPage />;
}
