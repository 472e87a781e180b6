import { holdsIban, holdsLuhn } from "./check-digits.ts";

/** Something in a text that should perhaps not leave the machine. */
export interface SecretFinding {
  /** what it looks like, in words: `GitHub token`, `e-mail address` */
  readonly kind: string;
  /** its beginning and its end, with the middle masked */
  readonly excerpt: string;
  /** where it begins, in UTF-16 units */
  readonly offset: number;
}

/**
 * Tokens, keys and personal data in a text, in the order in which they stand there. It knows forms,
 * not meanings: it can miss a secret of another form, and checks check digits where there are any,
 * so that digests, numbers and base64 are not taken for secrets. Linear in the text's length.
 */
export function findSecrets(text: string): readonly SecretFinding[] {
  const found: (SecretFinding & { readonly end: number })[] = [];
  for (const { kind, pattern, accepts, mask = maskMiddle } of forms)
    for (const match of text.matchAll(pattern)) {
      const value = match.groups?.["secret"] ?? match[0];
      if (accepts !== undefined && !accepts(value)) continue;
      const offset = match.index + match[0].lastIndexOf(value);
      found.push({ kind, excerpt: mask(value), offset, end: offset + value.length });
    }
  // of two that begin at one place the more certain form, which comes first in the list
  found.sort((a, b) => a.offset - b.offset);
  let end = 0;
  return found.flatMap(({ end: itsEnd, ...finding }) => {
    if (finding.offset < end) return [];
    end = itsEnd;
    return [finding];
  });
}

/** How something that should not leave is written. */
interface SecretForm {
  readonly kind: string;
  /** with a group `secret` where only a part is one; every repetition is bounded */
  readonly pattern: RegExp;
  readonly accepts?: (value: string) => boolean;
  readonly mask?: (value: string) => string;
}

/** A token by the letters that it begins with, in no longer word. */
function token(kind: string, pattern: string): SecretForm {
  return { kind, pattern: new RegExp(`(?<![\\w+/=-])(?:${pattern})(?![\\w-])`, "g") };
}

/** What follows a name that says that it is a secret's. */
function named(pattern: string): RegExp {
  return new RegExp(
    `(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?token|auth[_-]?token)(?:["']|&quot;)?${pattern}`,
    "gi",
  );
}

const forms: readonly SecretForm[] = [
  {
    kind: "private key",
    pattern: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g,
    mask: (value) => value,
  },
  token("AWS access key", "(?:AKIA|ASIA)[A-Z2-7]{16}"),
  {
    kind: "AWS secret key",
    pattern:
      /aws_?secret_?(?:access_?)?key["']?\s{0,3}[:=]\s{0,3}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  token("GitHub token", "gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255}"),
  token("GitLab token", "glpat-[\\w-]{20,64}"),
  token("Hugging Face token", "hf_[A-Za-z0-9]{30,64}"),
  token("npm token", "npm_[A-Za-z0-9]{36}"),
  token("Google API key", "AIza[\\w-]{35}"),
  token("Stripe key", "[rs]k_(?:live|test)_[A-Za-z0-9]{20,128}"),
  token("Slack token", "xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
  {
    kind: "Slack webhook",
    pattern: /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[\w/]{20,200}/g,
  },
  { ...token("API key", "sk-[A-Za-z0-9_-]{20,255}"), accepts: looksRandom },
  token("JSON web token", "eyJ[\\w-]{8,8192}\\.eyJ[\\w-]{8,8192}\\.[\\w-]{8,8192}"),
  {
    kind: "password in an address",
    pattern:
      /(?<![\w+.-])[a-z][a-z0-9+.-]{1,15}:\/\/[^\s/:@"'<>]{1,100}:(?<secret>[^\s/@"'<>]{3,100})@/gi,
    accepts: isNoPlaceholder,
  },
  {
    kind: "password",
    pattern: named(`\\s{0,3}[:=]\\s{0,3}(["'\`]|&quot;)(?<secret>[^"'\`&\\s]{6,200})\\1`),
    accepts: isNoPlaceholder,
  },
  {
    kind: "password",
    pattern: named("\\s{0,3}[:=]\\s{0,3}(?<secret>[\\w!@#%^*+/~=-]{8,200})(?![\\w.([`{])"),
    accepts: (value) => /\d/.test(value) && /[a-z]/i.test(value) && isNoPlaceholder(value),
  },
  {
    kind: "e-mail address",
    pattern:
      /(?<![\w.+%-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,4}[A-Za-z]{2,24}(?![\w@-])/g,
    accepts: isMailbox,
    mask: (value) => `${value.slice(0, 2)}…${value.slice(value.indexOf("@"))}`,
  },
  {
    kind: "phone number",
    pattern:
      /(?<![\w.+/=-])\+[1-9]\d{0,2}(?:[ -]?\(\d{1,4}\))?(?:[ -]?\d{1,4}){2,6}(?![\w.]\d|\d)/g,
    accepts: isPhone,
  },
  {
    kind: "phone number",
    pattern: /(?<![\w.,+-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}-)[2-9]\d{2}-\d{4}(?![\w.,-]\d|\w)/g,
  },
  {
    kind: "phone number",
    pattern:
      /(?<!\w)(?:tel|telephone|telefon|phone|mobile|mobil|handy|fax)["']?\s?[.:=]{1,2}\s{0,3}["']?(?<secret>0\d(?:[ /-]{0,3}\d){6,13})(?!\w)/gi,
  },
  {
    kind: "card number",
    pattern:
      /(?<![\w.+/=-])(?:\d{15,16}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5})(?![\w]|[.-]\d)/g,
    accepts: isCard,
  },
  {
    kind: "IBAN",
    pattern:
      /(?<![A-Za-z0-9+/=])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9+/=])/g,
    accepts: holdsIban,
  },
];

/** The first characters and the last ones; of a short text only the first. */
function maskMiddle(value: string): string {
  const head = value.length < 12 ? 1 : 4;
  const tail = value.length < 12 ? 0 : 2;
  return `${value.slice(0, head)}…${tail === 0 ? "" : value.slice(-tail)}`;
}

/** Whether a word has what a made one has: digits among letters of both cases. */
function looksRandom(value: string): boolean {
  return /\d/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value);
}

/** Whether a value is not one that stands for a secret in an example. */
function isNoPlaceholder(value: string): boolean {
  return !/^(?:[*x.•…_-]+|password|secret|\$\{.*|<.*|%.*|your.*|my.*|example.*|changeme|placeholder.*)$/i.test(
    value,
  );
}

/** Addresses for documentation (RFC 2606) are nobody's, and `logo@2x.png` is a file. */
function isMailbox(value: string): boolean {
  const [name = "", domain = ""] = value.toLowerCase().split("@");
  if (/(?:^|\.)example\.(?:com|net|org)$|\.(?:example|invalid|test|local)$/.test(domain))
    return false;
  if (/\.(?:png|jpe?g|gif|svg|webp|css|html|json|mjs|js|ts|tsx|csv|parquet)$/.test(domain))
    return false;
  return name !== "git" && !/^no-?reply$/.test(name) && !name.endsWith(".");
}

/** Numbers have 8 to 15 digits with their country (ITU-T E.164), and are mostly written in groups. */
function isPhone(value: string): boolean {
  const digits = value.replace(/\D/g, "").length;
  return digits <= 15 && digits >= (/[ ()-]/.test(value) ? 9 : 11);
}

/** The ranges of Visa, Mastercard, American Express, Discover and JCB, with their check digit. */
function isCard(value: string): boolean {
  const digits = value.replace(/\D/g, "");
  const isKnown =
    digits.length === 15
      ? /^3[47]/.test(digits)
      : /^(?:4|5[1-5]|2[2-7]|6011|64[4-9]|65|35)/.test(digits);
  return isKnown && !/^(\d)\1*$/.test(digits) && holdsLuhn(digits);
}
