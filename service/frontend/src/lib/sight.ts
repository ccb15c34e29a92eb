/** An element comes near at this distance from the visible part, and is far beyond the other. */
const NEAR_PX = 2_000;
const FAR_PX = 8_000;
/** How long what is visible waits for a pause in which it is drawn. */
const PATIENCE_MS = 120;

type Told = (near: boolean) => void;

/** Tells elements in a scrolled frame when they come near what is visible, and when they are far from it again. */
export class Sight {
  private readonly near: IntersectionObserver;
  private readonly far: IntersectionObserver;
  private readonly told = new Map<Element, Told>();
  /** Elements that know that they are near and wait for a pause. */
  private readonly waiting = new Map<Element, Told>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** `inPauses` runs what is drawn when there is time: scrolling goes first. */
  constructor(
    private readonly root: Element,
    private readonly inPauses: (run: () => void) => void,
  ) {
    this.near = this.watch(NEAR_PX, true);
    this.far = this.watch(FAR_PX, false);
  }

  /** Wait for an element to come near, or if it is near to be far; returns what ends that. */
  await(element: Element, near: boolean, told: Told): () => void {
    const observer = near ? this.near : this.far;
    this.told.set(element, told);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      this.told.delete(element);
    };
  }

  end(): void {
    this.near.disconnect();
    this.far.disconnect();
    this.waiting.clear();
  }

  private watch(margin: number, near: boolean): IntersectionObserver {
    const options = { root: this.root, rootMargin: `${margin}px 0px` };
    return new IntersectionObserver((entries) => {
      const met = entries.filter((entry) => entry.isIntersecting === near);
      this.inPauses(() => {
        for (const { target } of met) this.told.get(target)?.(near);
      });
      if (!near) return;
      for (const { target } of met) {
        const told = this.told.get(target);
        if (told !== undefined) this.waiting.set(target, told);
      }
      this.lookAgain();
    }, options);
  }

  /** Pauses may be rare, while an answer streams or a reader scrolls on: what stays visible is drawn without. */
  private lookAgain(): void {
    if (this.timer !== null || this.waiting.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      const { top, bottom } = this.root.getBoundingClientRect();
      for (const [element, told] of this.waiting) {
        const drawn = this.told.get(element) !== told;
        const box = element.getBoundingClientRect();
        const visible = box.bottom > top && box.top < bottom;
        if (drawn || visible) this.waiting.delete(element);
        if (visible && !drawn) told(true);
      }
      this.lookAgain();
    }, PATIENCE_MS);
  }
}
