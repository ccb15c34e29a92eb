import { notFound } from "next/navigation";
import { ChatPage } from "@/components/chat/chat-page";

interface Props {
  params: Promise<{ id?: string[] }>;
}

/** `/chat` and `/chat/ID` are one page, so that going from one to the other loads nothing anew. */
export default async function Page({ params }: Props) {
  const { id } = await params;
  if ((id?.length ?? 0) > 1) notFound();
  return <ChatPage />;
}
