import { KeysPage } from "@/components/settings/keys-page";

export default function Page() {
  return <KeysPage />;
}
