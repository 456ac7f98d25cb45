/** How the platform decides: what it does on its own, and what a test tells it to do next. */

/** The decisions that can be had of each kind of case; the first is what the sandbox does on its own. */
export interface Decisions {
  readonly onboarding: "approve" | "reject" | "supplement"
  readonly assessment: "low-risk" | "middle-risk" | "high-risk" | "refuse" | "reject" | "cancel"
  /** `leave`: the account is never opened, since how PayKKa calls a refusal is not known. */
  readonly va: "open" | "leave"
  readonly tradesettle: "settle" | "reject"
  readonly payee: "accept" | "reject"
  readonly forex: "convert" | "fail"
  /** `return`: paid at first, and come back. */
  readonly payment: "pay" | "fail" | "return"
}

/** A decision, and the reason that is given for it. */
export interface Decided<Kind extends keyof Decisions> {
  readonly as: Decisions[Kind]
  readonly reason: string
}

/** What the sandbox does on its own. */
export const standard: Decisions = {
  onboarding: "approve",
  assessment: "low-risk",
  va: "open",
  tradesettle: "settle",
  payee: "accept",
  forex: "convert",
  payment: "pay"
}

/** Decides cases: the ones that were told, in their order, and then as it is set. */
export interface Judge {
  readonly next: <Kind extends keyof Decisions>(kind: Kind) => Decided<Kind>
  readonly tell: <Kind extends keyof Decisions>(kind: Kind, decided: Decided<Kind>) => void
}

/** A judge with these decisions. */
export const makeJudge = (decisions: Decisions): Judge => {
  const told = new Map<keyof Decisions, Array<Decided<keyof Decisions>>>()
  return {
    next: (kind) => (told.get(kind)?.shift() ?? { as: decisions[kind], reason: "the sandbox is set so" }) as never,
    tell: (kind, decided) => {
      const queue = told.get(kind) ?? []
      told.set(kind, queue)
      queue.push(decided)
    }
  }
}
