import { createRequire } from 'node:module';

/** A part of what was parsed. */
export interface Parsed {
  readonly rule: string;
  readonly text: string;
  readonly parts: readonly Parsed[];
}

interface Context {
  readonly ruleIndex?: number;
  readonly children?: readonly Context[] | null;
  getText(): string;
}

interface Recognizer {
  removeErrorListeners(): void;
  addErrorListener(listener: object): void;
}

interface Parser extends Recognizer {
  readonly ruleNames: readonly string[];
  cypher(): Context;
}

// They are compiled for browsers, and have no types.
const require = createRequire(import.meta.url);
const { CypherLexer, CypherParser } = require('@neo4j-cypher/antlr4') as {
  CypherLexer: new (input: object) => Recognizer;
  CypherParser: new (tokens: object) => Parser;
};
const { InputStream, CommonTokenStream } = require('@neo4j-cypher/antlr4-browser').default as {
  InputStream: new (text: string) => object;
  CommonTokenStream: new (lexer: object) => object;
};

/** What Neo4j's own grammar makes of a text. Throws where it does not understand it. */
export function parseCypher(text: string): Parsed {
  const listener = {
    syntaxError(_recognizer: unknown, _symbol: unknown, line: number, column: number, message: string) {
      throw new Error(`${message} at ${line}:${column} of ${text}`);
    },
    reportAmbiguity: () => undefined,
    reportAttemptingFullContext: () => undefined,
    reportContextSensitivity: () => undefined,
  };
  const lexer = new CypherLexer(new InputStream(text));
  const parser = new CypherParser(new CommonTokenStream(lexer));
  for (const recognizer of [lexer, parser]) {
    recognizer.removeErrorListeners();
    recognizer.addErrorListener(listener);
  }
  return parsed(parser.cypher(), parser.ruleNames);
}

/** All parts of one rule, outermost first. */
export function partsOf(tree: Parsed, rule: string): readonly Parsed[] {
  return [...(tree.rule === rule ? [tree] : []), ...tree.parts.flatMap(part => partsOf(part, rule))];
}

function parsed(context: Context, ruleNames: readonly string[]): Parsed {
  const parts = (context.children ?? []).map(child => parsed(child, ruleNames));
  return { rule: ruleNames[context.ruleIndex ?? -1] ?? '', text: context.getText(), parts };
}
