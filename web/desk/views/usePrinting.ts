// Whether what is shown goes on paper, where a day is a list rather than a board.

import { useEffect, useState } from "preact/hooks";

export function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const paper = matchMedia("print");
    const changed = () => setPrinting(paper.matches);
    const begins = () => setPrinting(true);
    const ends = () => setPrinting(false);
    paper.addEventListener("change", changed);
    addEventListener("beforeprint", begins);
    addEventListener("afterprint", ends);
    return () => {
      paper.removeEventListener("change", changed);
      removeEventListener("beforeprint", begins);
      removeEventListener("afterprint", ends);
    };
  }, []);
  return isPrinting;
}
