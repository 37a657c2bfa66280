/** The element's style: the page's text and background, and colours that people who see few colours can tell apart. */
export const STYLE = `
:host { display: block; max-width: 32rem; --amortis-posterior: light-dark(#0072b2, #56b4e9); --amortis-prior: light-dark(#8a5a00, #e6b450); --amortis-warning: light-dark(#a82500, #ff9379); }
p { margin: 0 0 0.5rem; }
svg { width: 100%; height: auto; color: inherit; }
figure { margin: 0 0 0.6rem; }
figcaption { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-variant-numeric: tabular-nums; font-size: 0.9em; }
data { font-weight: 600; }
.trust.bad, .trust.odd, .error { color: var(--amortis-warning); }
`;
