# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""The way between instances and nodes: a proxy that knows Kafka's frames.

One Link for each pair of instance and node. A link can be slow, narrow, cut, or hand each request to
a hook that decides about it. All links live on one thread with an event loop of its own; settings of
a link are plain fields that any thread may write.
"""

import asyncio
import random
import struct
import threading

PRODUCE, FETCH = 0, 1
JOIN_GROUP, SYNC_GROUP = 11, 14
INIT_PRODUCER_ID, ADD_PARTITIONS, END_TXN, TXN_OFFSET_COMMIT = 22, 24, 26, 28

# What a hook may answer beside a number of seconds, for which the request is held back.
PASS, LOSE = "pass", "lose"

# A request that was held back must reach the node although its client has gone.
LINGER_SECONDS = 2


class Request:
    """The head of a request: what it is, and which client sent it."""

    def __init__(self, frame):
        self.api, _, self.correlation, length = struct.unpack_from(">hhih", frame)
        self.client = frame[10:10 + length].decode("utf-8", "replace") if length > 0 else ""
        self.frame = frame  # all of it; records stand in it as they are


class Link:
    def __init__(self, slot, node, port, target):
        self.slot, self.node, self.port, self.target = slot, node, port, target
        self.delay = 0.0  # seconds each way
        self.bytes_per_second = 0  # 0: as fast as it goes
        self.cut = False  # nothing passes; nobody is told
        self.on_request = None  # Request -> PASS, LOSE (with its connection) or seconds
        self.on_answer = None  # Request -> None; before the client gets the answer
        self.connections = set()


class Connection:
    def __init__(self, reader, writer, node_reader, node_writer):
        self.reader, self.writer = reader, writer
        self.node_reader, self.node_writer = node_reader, node_writer
        self.waiting = {}  # requests without an answer, by correlation id
        self.linger = 0

    def abort(self):
        self.writer.transport.abort()
        self.node_writer.transport.abort()


class Proxy:
    """Owns the links and their thread. start() before, close() after use."""

    def __init__(self):
        self.links = []
        self._servers = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self):
        self._thread.start()
        for link in self.links:
            self._run(self._listen(link))

    def close(self):
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add(self, slot, node, port, target):
        self.links.append(Link(slot, node, port, target))

    def between(self, slot=None, node=None):
        """The links of an instance, of a node, or of both; None is any."""
        return [link for link in self.links
                if slot in (None, link.slot) and node in (None, link.node)]

    def reset(self, links, seed, share=1.0):
        """Ends that share of the connections with a reset, both sides."""
        chosen = random.Random(seed)

        def work():
            for link in links:
                for connection in list(link.connections):
                    if chosen.random() < share:
                        connection.abort()
        self._loop.call_soon_threadsafe(work)

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self, link):
        self._servers.append(await asyncio.start_server(
            lambda r, w: self._serve(link, r, w), "127.0.0.1", link.port))

    async def _close(self):
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, link, reader, writer):
        try:
            node_reader, node_writer = await asyncio.open_connection("127.0.0.1", link.target)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
            return
        connection = Connection(reader, writer, node_reader, node_writer)
        link.connections.add(connection)
        try:
            await asyncio.gather(self._requests(link, connection), self._answers(link, connection))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # Cancelled: the proxy is closed.
        finally:
            link.connections.discard(connection)
            writer.transport.abort()
            await asyncio.sleep(connection.linger)
            node_writer.transport.abort()

    async def _requests(self, link, connection):
        lane = Lane(link, connection.node_writer)
        while True:
            frame = await read_frame(connection.reader)
            request = Request(frame)
            decision = link.on_request(request) if link.on_request else PASS
            if decision == LOSE:
                connection.abort()
                return
            if decision != PASS:
                connection.linger = LINGER_SECONDS
                await asyncio.sleep(decision)
            connection.waiting[request.correlation] = request
            await lane.send(frame)

    async def _answers(self, link, connection):
        lane = Lane(link, connection.writer)
        while True:
            frame = await read_frame(connection.node_reader)
            request = connection.waiting.pop(struct.unpack_from(">i", frame)[0], None)
            if request is not None and link.on_answer:
                link.on_answer(request)
            await lane.send(frame)


class Lane:
    """One direction of a connection: frames leave it in order, each after its delay."""

    def __init__(self, link, writer):
        self._link, self._writer = link, writer
        self._last = None

    async def send(self, frame):
        link = self._link
        while link.cut:
            await asyncio.sleep(0.05)
        if link.delay == 0 and link.bytes_per_second == 0 and self._last is None:
            await self._write(frame)
            return
        due = asyncio.get_running_loop().time() + link.delay
        before = self._last
        self._last = asyncio.ensure_future(self._later(before, due, frame))

    async def _later(self, before, due, frame):
        if before is not None:
            await before
        await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
        if self._link.bytes_per_second > 0:
            await asyncio.sleep(len(frame) / self._link.bytes_per_second)
        try:
            await self._write(frame)
        except OSError:
            pass

    async def _write(self, frame):
        self._writer.write(struct.pack(">i", len(frame)) + frame)
        await self._writer.drain()


async def read_frame(reader):
    size, = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)
