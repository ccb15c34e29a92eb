"use client";

import Link from "next/link";
import { useTexts } from "@/components/preferences";

export default function NotFound() {
  const { notFound } = useTexts();
  return (
    <main className="grid min-h-dvh place-content-center gap-3 p-6 text-center">
      <h1 className="text-2xl font-semibold">{notFound.title}</h1>
      <p className="text-quiet">{notFound.text}</p>
      <Link className="text-accent underline underline-offset-4" href="/chat" prefetch={false}>
        {notFound.back}
      </Link>
    </main>
  );
}
