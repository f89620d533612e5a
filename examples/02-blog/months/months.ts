/** A month in which posts were published. */
export interface Month {
  /** Such as `2026-03`. */
  readonly month: string;
  readonly posts: number;
  readonly views: number;
  /** All posts up to the end of the month. */
  readonly postsSoFar: number;
  /** Views more than in the row before; null in the first. */
  readonly change: number | null;
  /** The post that was viewed most. */
  readonly best: string;
}

/** The blog month by month. Each engine has its own way of running totals, so each has its own class. */
export interface Months {
  all(): Promise<Month[]>;
}
