/// Where a tensor's memory is.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    let code: Int32

    init(code: Int32) { self.code = code }

    /// The processor and its memory; always there.
    public static let cpu = Device(code: 255)

    /// An NVIDIA GPU; `index` counts from 0.
    public static func cuda(_ index: Int = 0) -> Device { Device(code: 256 + Int32(index)) }

    /// Reads `cpu`, `cuda` or `cuda:1`. Nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "cpu": self = .cpu
        case "cuda": self = .cuda()
        default:
            guard text.hasPrefix("cuda:"), let index = Int(text.dropFirst(5)), (0..<255).contains(index) else {
                return nil
            }
            self = .cuda(index)
        }
    }

    /// Whether this is the processor.
    public var isCPU: Bool { code >> 8 == 0 }

    /// `cpu` or `cuda:0`.
    public var description: String { isCPU ? "cpu" : "cuda:\(code & 255)" }
}
