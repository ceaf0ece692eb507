// A page with nothing of its own to show: only its head is kept true.

import { follow } from "./feed.js";

follow(() => ["/api/v1/status"], () => {});
