export function reportImports(root: string): void;
export function checkImports(
  root: string,
): readonly { readonly file: string; readonly line: number; readonly message: string }[];
