import CPlugin
import Formats
import Platform

extension ByteView {
    /// Whether a pattern stands among the first `limit` bytes. Only those are read.
    public func contains(_ pattern: [UInt8], within limit: Int = .max) -> Bool {
        withUnsafeBytes {
            genera_find($0.baseAddress, UInt64(min($0.count, limit)), pattern, UInt64(pattern.count)) >= 0
        }
    }
}
