"""A real browser, driven by the DevTools protocol over aiohttp: no driver besides the browser itself is needed."""

import asyncio
import base64
import contextlib
import json
import os
import shutil
from itertools import count

import aiohttp

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_PATIENCE = 300.0
_POLL = 0.05
#: What the browser says if a page goes away while something in it is asked.
_GONE = ("navigated or closed", "Cannot find context", "context was destroyed")


class PageGone(AssertionError):
    """The page that was asked has gone, and another comes."""


class Browser:
    """One page in a browser of its own; a context manager.

    `complaints` are what the page's console says of errors, and exceptions that nobody caught.
    """

    def __init__(self, folder, *, width=1280, height=900):
        self._folder = folder
        self._size = width, height
        self._numbers = count(1)
        self._answers = {}
        self.complaints = []
        #: The addresses that were asked for.
        self.asked = []

    async def __aenter__(self):
        width, height = self._size
        self._process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--remote-debugging-port=0",
            f"--user-data-dir={self._folder}",
            f"--window-size={width},{height}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self._folder)},
        )
        port = await self._port()
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [one for one in await answer.json() if one["type"] == "page"]
        self._socket = await self._session.ws_connect(
            pages[0]["webSocketDebuggerUrl"], max_msg_size=0
        )
        self._listening = asyncio.create_task(self._listen())
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.tell(f"{domain}.enable")
        # As a page that somebody looks at: without, it hears nothing of a cursor that comes and goes.
        await self.tell("Emulation.setFocusEmulationEnabled", enabled=True)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        await self.tell("Emulation.setDeviceMetricsOverride", **metrics)
        return self

    async def __aexit__(self, *_):
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self._socket.close()
        await self._session.close()
        self._process.kill()
        await self._process.wait()

    async def _port(self):
        file = self._folder / "DevToolsActivePort"
        for _ in range(int(_PATIENCE / _POLL)):
            if file.exists() and (text := file.read_text()):
                return text.splitlines()[0]
            await asyncio.sleep(_POLL)
        raise AssertionError("the browser did not start")

    async def _listen(self):
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
                continue
            match told["method"]:
                case "Runtime.exceptionThrown":
                    self.complaints.append(told["params"]["exceptionDetails"])
                case "Log.entryAdded" if told["params"]["entry"]["level"] == "error":
                    self.complaints.append(told["params"]["entry"])
                case "Network.requestWillBeSent":
                    self.asked.append(told["params"]["request"]["url"])

    async def tell(self, method, **params):
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        told = await asyncio.wait_for(self._answers[number], _PATIENCE)
        error = told.get("error", {}).get("message", "")
        if any(words in error for words in _GONE):
            raise PageGone(error)
        assert not error, told
        return told["result"]

    async def open(self, url):
        await self.tell("Page.navigate", url=str(url))

    async def value(self, expression):
        """Return what an expression is in the page."""
        told = await self.tell(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, expression):
        """Wait until an expression is true in the page."""
        for _ in range(int(_PATIENCE / _POLL)):
            # While a page goes and another comes, there may be nothing to ask.
            with contextlib.suppress(PageGone):
                if await self.value(f"document.body !== null && Boolean({expression})"):
                    return
            await asyncio.sleep(_POLL)
        text = await self.value("document.body.innerText")
        raise AssertionError(f"never true: {expression}\n{text}")

    async def fill(self, selector, text):
        """Put the cursor into a field, and type over what stands there."""
        await self.until(f"document.querySelector({selector!r}) !== null")
        await self.value(
            f"(document.querySelector({selector!r}).focus(), document.activeElement.select?.())"
        )
        await self.type(text)

    async def click(self, selector):
        """Click on what is there, once it is."""
        await self.until(f"document.querySelector({selector!r}) !== null")
        await self.value(f"document.querySelector({selector!r}).click()")

    async def mouse(self, what, selector):
        """Do with the mouse what a hand does, in the middle of what is there: `mouseMoved`, `mousePressed` or `mouseReleased`."""
        box = f"document.querySelector({selector!r}).getBoundingClientRect()"
        await self.value(
            f"document.querySelector({selector!r}).scrollIntoView({{ block: 'center' }})"
        )
        x, y = await self.value(
            f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])({box})"
        )
        button = {} if what == "mouseMoved" else {"button": "left", "clickCount": 1}
        await self.tell("Input.dispatchMouseEvent", type=what, x=x, y=y, **button)

    async def shows(self, text):
        """Wait until a text can be read on the page."""
        await self.until(f"document.body.innerText.includes({json.dumps(text)})")

    async def type(self, text):
        """Type a text, key by key."""
        for key in text:
            await self.tell("Input.dispatchKeyEvent", type="keyDown", text=key, key=key)
            await self.tell("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def press(self, key, code):
        """Press a key that is no character."""
        fields = {"key": key, "windowsVirtualKeyCode": code}
        text = {"text": "\r"} if key == "Enter" else {}
        await self.tell("Input.dispatchKeyEvent", type="keyDown", **fields, **text)
        await self.tell("Input.dispatchKeyEvent", type="keyUp", **fields)

    async def picture(self, path):
        told = await self.tell("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(told["data"]))
