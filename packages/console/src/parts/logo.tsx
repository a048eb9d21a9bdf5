export function Logo() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <path d="M2 3h3.500v14H2zM14.500 3H18v14h-3.500z" />
      <path d="M5.500 9 14.500 6v2.200l-9 3z" />
    </svg>
  );
}

/** The name of the product, with its logo. */
export function Brand() {
  return (
    <span class="brand">
      <Logo />
      Gatepost
    </span>
  );
}

/** The frame of every page while it is not known who is signed in: the same as `index.html` paints before any script. */
export function Frame() {
  return (
    <div class="shell">
      <div class="rail">
        <Brand />
      </div>
    </div>
  );
}
