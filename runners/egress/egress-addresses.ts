/** Which addresses a name may lead to: the internet, and nothing of this machine or its neighbourhood. */
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

const RESERVED: readonly (readonly [network: string, prefix: number, family: "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 127, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["100::", 64, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** A rule for addresses that a resolved name must not lead to; this machine's own public ones are among them. */
export function createAddressRule(): (address: string) => boolean {
  const refused = new BlockList();
  for (const [network, prefix, family] of RESERVED) refused.addSubnet(network, prefix, family);
  for (const own of Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])) {
    refused.addAddress(own.address.replace(/%.*$/, ""), familyOf(own.address));
  }
  return (address) => refused.check(address.replace(/%.*$/, ""), familyOf(address));
}
