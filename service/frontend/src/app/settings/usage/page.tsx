import { UsagePage } from "@/components/settings/usage-page";

export default function Page() {
  return <UsagePage />;
}
