/** Whether two types are identical: `string` is not `"a" | (string & {})`, and `any` is nothing but itself. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- types are compared as identical only below a T
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles with the right answer only. */
export const same = <A, B>(proof: Same<A, B>): boolean => proof
