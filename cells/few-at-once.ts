/**
 * Lets only so many pieces of work be under way at once; the others wait, in the order in which they
 * were asked.
 *
 * @param most how many, at least 1
 */
export function fewAtOnce(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (underWay >= most) await new Promise<void>((begin) => waiting.push(begin));
    else underWay += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // whoever is next takes over this place
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
