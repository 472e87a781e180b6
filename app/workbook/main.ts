import "./lock-down.ts";
import "./styles/index.css";
import { startFrame } from "./frame.ts";

await startFrame();
