/// A block of memory that is released when its last user lets go: a mapping of a file, or bytes of its own.
package final class Memory: @unchecked Sendable {
    // Sound because nothing writes to the block after `init`.
    package let bytes: UnsafeRawBufferPointer
    private let release: (UnsafeRawBufferPointer) -> Void

    package init(_ bytes: UnsafeRawBufferPointer, release: @escaping (UnsafeRawBufferPointer) -> Void) {
        self.bytes = bytes
        self.release = release
    }

    /// Allocates `count` bytes, aligned to 64, and lets `fill` write them.
    package convenience init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 64)
        do {
            try fill(UnsafeMutableRawBufferPointer(rebasing: block[0..<count]))
        } catch {
            block.deallocate()
            throw error
        }
        self.init(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block)[0..<count])) { $0.deallocate() }
    }

    deinit { release(bytes) }
}

/// A range of bytes, in a mapped file or in memory, that keeps what it points into alive.
///
/// Copies are cheap and share the bytes. Nothing can be read outside of the range.
public struct ByteView: Sendable {
    package let memory: Memory
    let start: Int
    /// Number of bytes.
    public let count: Int

    package init(_ memory: Memory) {
        self.memory = memory
        start = 0
        count = memory.bytes.count
    }

    private init(_ memory: Memory, start: Int, count: Int) {
        self.memory = memory
        self.start = start
        self.count = count
    }

    /// Copies `bytes` into memory of the view's own.
    public init(_ bytes: some Collection<UInt8>) {
        self.init(Memory(count: bytes.count) { $0.copyBytes(from: bytes) })
    }

    /// The object that must stay alive while `baseAddress` is in use.
    public var owner: AnyObject { memory }

    /// Address of the first byte; valid while `owner` lives. Aligned to 64 bytes for memory of the view's own.
    public var baseAddress: UnsafeRawPointer { memory.bytes.baseAddress! + start }

    /// Calls `body` with the bytes, which stay valid for the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(memory) {
            try body(UnsafeRawBufferPointer(rebasing: memory.bytes[start..<start + count]))
        }
    }

    /// The byte at `index`, which must be in `0..<count`.
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "byte \(index) of \(count)")
        return memory.bytes[start + index]
    }

    /// `length` bytes from `offset` on, sharing memory, or nil when they are not all inside.
    public func slice(from offset: Int, count length: Int) -> ByteView? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
        return ByteView(memory, start: start + offset, count: length)
    }

    /// The little-endian integer at `offset`, which need not be aligned, or nil when it is not all inside.
    public func integer<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type) -> T? {
        guard offset >= 0, offset <= count, MemoryLayout<T>.size <= count - offset else { return nil }
        return withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }

    /// A copy of the bytes.
    public func array() -> [UInt8] { withUnsafeBytes { Array($0) } }

    /// Whether the bytes at `offset` are exactly `bytes`.
    package func has(_ bytes: some Collection<UInt8>, at offset: Int = 0) -> Bool {
        guard let part = slice(from: offset, count: bytes.count) else { return false }
        return part.withUnsafeBytes { $0.elementsEqual(bytes) }
    }

    /// The bytes as text, or nil when they are not UTF-8.
    public func text() -> String? {
        withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }
}
