const { createClient } = require("redis");

async function main() {
  // node-redis repeats nothing that it has sent; without its offline queue nothing is sent late either.
  const gate = createClient({ socket: { path: "var/gate.sock" }, disableOfflineQueue: true });
  gate.on("error", (error) => console.error(error.message));
  await gate.connect();
  const [allowed, reason, meter, used, limit] = await gate.sendCommand(["TAKE", "acme", "messages", "1"]);
  console.log(allowed ? "allowed:" : `refused (${reason}):`, meter, used, "of", limit);
  await gate.quit();
}

main();
