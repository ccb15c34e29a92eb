import { AuthPage } from "@/components/auth/auth-page";

interface Props {
  searchParams: Promise<{ invite?: string | string[] }>;
}

/** `/auth?invite=CODE` is the link that an administrator sends. */
export default async function Page({ searchParams }: Props) {
  const { invite } = await searchParams;
  return <AuthPage invitation={typeof invite === "string" && invite !== "" ? invite : null} />;
}
