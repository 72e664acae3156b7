// Compiles the contracts here and writes their runtime code beside them; see
// README.md for the command.
const fs = require('fs');
const path = require('path');
const solc = require('solc');

const version = '0.8.30';
if (!solc.version().startsWith(version + '+')) {
  throw new Error(`solc ${version} is needed, this is ${solc.version()}`);
}

const files = fs.readdirSync(__dirname).filter((name) => name.endsWith('.sol')).sort();
const read = (name) => ({ content: fs.readFileSync(path.join(__dirname, name), 'utf8') });
const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources: Object.fromEntries(files.map((name) => [name, read(name)])),
      settings: {
        evmVersion: 'cancun',
        optimizer: { enabled: true, runs: 200 },
        // No metadata hash, so that a changed comment does not change the code.
        metadata: { appendCBOR: false },
        outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
      },
    }),
  ),
);

for (const { formattedMessage, severity } of output.errors ?? []) {
  console.error(formattedMessage);
  if (severity === 'error') process.exit(1);
}
for (const file of files) {
  const name = path.basename(file, '.sol');
  const code = output.contracts[file][name].evm.deployedBytecode.object;
  fs.writeFileSync(path.join(__dirname, `${name}.hex`), code + '\n');
  console.log(`${name}: ${code.length / 2} bytes`);
}
