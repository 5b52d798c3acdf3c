import Crypto
import Foundation
import Planning

/// SHA-256 of a file in hexadecimal digits, taken piece by piece so that memory stays flat.
/// - Parameter read: gives so many bytes from an offset on, fewer at the end, none behind it.
func sha256(_ read: (_ offset: Int64, _ count: Int) throws -> [UInt8]) rethrows -> String {
    var hash = SHA256()
    var offset: Int64 = 0
    while case let bytes = try read(offset, pieceBytes), !bytes.isEmpty {
        hash.update(data: bytes)
        offset += Int64(bytes.count)
    }
    return hexadecimal(hash.finalize())
}

private let pieceBytes = 256 << 10
