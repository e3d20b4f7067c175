#if FUZZING
    import Foundation
    import Genera

    /// The reader that `GENERA_FUZZ_READER` names.
    private let chosen: Reader = {
        let name = ProcessInfo.processInfo.environment["GENERA_FUZZ_READER"] ?? ""
        if let reader = Reader.all.first(where: { $0.name == name }) { return reader }
        print(Reader.all.map(\.name).joined(separator: "\n"))
        exit(name.isEmpty ? 0 : 64)
    }()

    /// Chooses the reader before libFuzzer reads the corpus; without one, lists them.
    @_cdecl("LLVMFuzzerInitialize")
    public func initialise(_ count: UnsafePointer<CInt>, _ words: UnsafeRawPointer) -> CInt {
        blackHole(chosen)
        return 0
    }

    /// Whether each input's end is told, for looking into one.
    private let tells = ProcessInfo.processInfo.environment["GENERA_FUZZ_TELL"] != nil

    /// What libFuzzer calls with each input.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let error = chosen.error(of: ByteView(UnsafeBufferPointer(start: bytes, count: count)))
        if tells { print(error.map { "\($0)" } ?? "read") }
        if let error, !Reader.isOurs(error) {
            fatalError("\(chosen): \(type(of: error)) is not an error of ours: \(error)")
        }
        return 0
    }
#endif
