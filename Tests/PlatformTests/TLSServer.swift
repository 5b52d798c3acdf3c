import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// A server on a free port of the loopback that speaks TLS and answers every request with two letters.
final class TLSServer: Sendable {
    private let channel: any Channel
    private let ear = Ear()

    /// Everything it could decipher.
    var heard: String { ear.heard.withLock { $0 } }
    var url: String { "https://127.0.0.1:\(channel.localAddress?.port ?? 0)/list" }

    init(_ identity: TestCertificates.Identity) async throws {
        let certificate = try NIOSSLCertificate(bytes: Array(identity.pem.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificates.serverKey.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        let ear = ear
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(Answering(ear: ear))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }
}

private final class Ear: Sendable {
    let heard = Mutex("")
}

private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let ear: Ear

    init(ear: Ear) { self.ear = ear }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        let heard = ear.heard.withLock { heard in
            heard += text
            return heard
        }
        guard heard.hasSuffix("\r\n\r\n") else { return }
        let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
