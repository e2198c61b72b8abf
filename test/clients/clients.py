"""Asks for /<client> at each URL of URLS with the clients of Python."""
import os
import sys
from urllib.parse import urlsplit


def urllib_request(url):
    from urllib.request import urlopen

    urlopen(url).read()


def http_client(url):
    import http.client

    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc)
    connection.request("GET", parts.path)
    connection.getresponse().read()
    connection.close()


def requests_get(url):
    import requests

    requests.get(url).raise_for_status()


def urllib3_pool(url):
    import urllib3

    urllib3.PoolManager().request("GET", url, retries=False)


def httpx_get(url):
    import httpx

    httpx.get(url).raise_for_status()


def httpx_async(url):
    import asyncio
    import httpx

    async def get():
        async with httpx.AsyncClient() as client:
            (await client.get(url)).raise_for_status()

    asyncio.run(get())


def aiohttp_get(url):
    import aiohttp
    import asyncio

    async def get():
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as answer:
                await answer.text()

    asyncio.run(get())


def websockets_connect(url):
    import asyncio
    import websockets

    async def connect():
        async with websockets.connect(url.replace("http", "ws", 1)):
            pass

    asyncio.run(connect())


def pip_download(url):
    import subprocess
    import tempfile

    # What comes is not a package, and pip says so. The request is what counts.
    wheel = url + "/none-1.0-py3-none-any.whl"
    options = ["--no-deps", "--retries", "0", "--disable-pip-version-check", "--no-cache-dir", "--no-input"]
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-q", "-d", folder]
        subprocess.run(pip + options + [wheel], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


clients = {
    "pip": pip_download,
    "urllib": urllib_request,
    "http.client": http_client,
    "requests": requests_get,
    "urllib3": urllib3_pool,
    "httpx": httpx_get,
    "httpx-async": httpx_async,
    "aiohttp": aiohttp_get,
    "websockets": websockets_connect,
}

for name in os.environ["CLIENTS"].split():
    for base in os.environ["URLS"].split():
        try:
            clients[name]("%s/%s%s" % (base, os.environ["PREFIX"], name))
        except Exception as error:
            sys.stderr.write("%s%s %s: %r\n" % (os.environ["PREFIX"], name, base, error))
