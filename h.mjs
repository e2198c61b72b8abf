import http from "node:http"; import https from "node:https";
console.log(http.globalAgent.constructor.name, process.release.name, process.allowedNodeEnvironmentFlags?.has('--use-env-proxy'));
for (const [m,u] of [[http,"http://plain.test/a"],[https,"https://sec.test/b"]]) await new Promise(done=>{ try { m.get(u,r=>{console.log(r.statusCode);r.resume();done()}).on('error',e=>{console.log('err',e.message);done()}) } catch(e) {console.log('thrown', e.message);done()} });
