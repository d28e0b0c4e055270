/** The forge in memory keeps the port's promises. */
import { createMemoryForge } from "../../../src/gitea/memory-forge.ts";
import { describeForge } from "../../contract/forge.ts";

const memory = createMemoryForge();
describeForge(() => memory);
