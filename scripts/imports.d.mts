export function checkImports(
  root: string,
): readonly { readonly file: string; readonly line: number; readonly message: string }[];
