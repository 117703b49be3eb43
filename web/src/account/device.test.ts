import { expect, it } from "vitest";
import { deviceName, isPhone } from "./device";

it("devices have the names people use", () => {
  expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1")).toBe("Safari on iPhone");
  expect(deviceName("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0")).toBe("Edge on Windows");
  expect(deviceName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox on Linux");
  expect(deviceName("curl/8.14.1")).toBe("curl");
  expect(deviceName("")).toBe("Unknown device");
  expect(isPhone("Mozilla/5.0 (Linux; Android 16; Pixel) Mobile")).toBe(true);
});
