/** Callback paths of many merchants: `/hooks/:merchant/va`. */

const isVariable = (segment: string): boolean => segment.startsWith(":")

/** Whether it stands for many paths. */
export const isPattern = (path: string): boolean => path.split("/").some(isVariable)

/** Whether a path is the one that is meant, or one of many: a segment with a colon in front stands for any that is not empty. */
export const fits = (pattern: string, path: string): boolean => {
  const [wanted, given] = [pattern.split("/"), path.split("/")]
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) => segment === given[index] || (isVariable(segment) && given[index] !== ""))
  )
}
