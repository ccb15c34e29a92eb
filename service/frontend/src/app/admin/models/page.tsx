import { ModelsPage } from "@/components/admin/models-page";

export default function Page() {
  return <ModelsPage />;
}
