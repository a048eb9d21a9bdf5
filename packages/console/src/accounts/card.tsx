import type { ComponentChildren } from "preact";
import { LanguageButton } from "../parts/button.tsx";
import { Brand } from "../parts/logo.tsx";

interface CardProps {
  title: string;
  /** Under the title. */
  about?: ComponentChildren;
  /** At the foot, beside the other language. */
  foot: ComponentChildren;
  children: ComponentChildren;
}

/** The page of a visitor who is not signed in. */
export function Card({ title, about, foot, children }: CardProps) {
  return (
    <main class="center">
      <div class="card">
        <Brand />
        <div class="gap">
          <h1>{title}</h1>
          {about === undefined ? null : <p class="quiet">{about}</p>}
        </div>
        {children}
        <div class="foot-line meta">
          <span>{foot}</span>
          <span class="languages">
            <LanguageButton />
          </span>
        </div>
      </div>
    </main>
  );
}
