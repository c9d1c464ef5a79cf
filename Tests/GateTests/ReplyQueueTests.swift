import Glibc
import RESP
import Reactor
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct ReplyQueueTests {
        @Test func `nothing overtakes a decision that is still out`() async throws {
            try await GateRig.run { gate in
                let texts = await gate.onLoop { server in Self.story(server) }
                #expect(texts == ["a", "", "", "[1]b[2]cd", "", "[3]e", "f"])
            }
        }

        /// What has come out after each step.
        private static func story(_ server: GateServer) -> [String] {
            guard let client = makeClient(server) else { return [] }
            let calls = (1...3).map { _ in makeCall(server, client) }
            var queue = ReplyQueue()
            var texts: [String] = []
            var output = OutputBuffer()
            func write(_ text: String) { queue.write(to: &output) { $0.append(errorText: text) } }
            func end(_ number: Int) {
                calls[number - 1].storeFailed()
                queue.drain(to: &output) { call, output in
                    let number = (calls.firstIndex { $0 === call } ?? -1) + 1
                    output.append(errorText: "[\(number)]")
                }
            }
            func look() {
                let bytes = output.withReadable { span in span.indices.map { span[$0] } }
                texts.append(String(String(decoding: bytes, as: UTF8.self).filter { $0 != "-" && $0 != "\r\n" }))
                output.reset()
            }
            write("a")
            look()
            queue.append(calls[0])
            write("b")
            queue.append(calls[1])
            write("c")
            write("d")
            queue.append(calls[2])
            look()
            end(2)
            look()
            end(1)
            look()
            write("e")
            look()
            end(3)
            look()
            write("f")
            look()
            return texts
        }

        private static func makeClient(_ server: GateServer) -> ClientConnection? {
            var pair: [Int32] = [0, 0]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { return nil }
            close(pair[1])
            let socket = StreamSocket(descriptor: FileDescriptor(owning: pair[0]))
            return ClientConnection(socket: socket, server: server, identifier: 99, peer: nil)
        }

        private static func makeCall(_ server: GateServer, _ client: ClientConnection) -> SpendCall {
            let id = Array("acme".utf8)
            return SpendCall(
                .check, SpendRequest(), entry: server.directory.entry(for: id.span), server: server, client: client)
        }
    }
}
