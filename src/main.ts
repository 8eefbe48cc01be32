#!/usr/bin/env node
// Only what every Node can parse: an old one must come as far as the message. Hence no static import and no newer syntax.
const oldest = 24;

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `openai-audit-collector needs Node.js ${oldest} or newer; this is ${process.version}. ` +
      'Install it from https://nodejs.org/en/download, or with a version manager (nvm install --lts).\n',
  );
  process.exitCode = 2;
} else {
  void import('./program.ts').then(({ program }) => program(process));
}
