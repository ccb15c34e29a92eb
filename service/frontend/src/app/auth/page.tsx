import { AuthPage } from "@/components/auth/auth-page";

export default function Page() {
  return <AuthPage />;
}
