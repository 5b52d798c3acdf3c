import NIOSSL

/// A file of authorities that are trusted beside the system's: a company's own, or that of a proxy.
package enum TrustedAuthorities {
    /// How many certificates a PEM text holds; nil when it is none, or one of them is broken.
    package static func count(inPEM bytes: [UInt8]) -> Int? {
        guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else { return nil }
        return found.count
    }
}
