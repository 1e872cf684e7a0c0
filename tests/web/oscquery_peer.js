// Reads a server by npm's oscquery and prints what it understood: node oscquery_peer.js PORT, or with no port what
// mDNS finds.
const { OSCQueryDiscovery } = require("oscquery");

function tell(service) {
  const methods = service.flat().map((m) => ({
    path: m.full_path,
    access: m.access,
    description: m.description,
    arguments: m.arguments,
  }));
  process.stdout.write(JSON.stringify({ port: service.port, host: service.hostInfo, methods }) + "\n", () => process.exit(0));
}

const discovery = new OSCQueryDiscovery();
const port = process.argv[2];
if (port) {
  discovery.queryNewService("127.0.0.1", Number(port)).then(tell);
} else {
  discovery.on("up", tell);
  discovery.start();
}
