import Foundation
import Genera

/// How a data set of posed photographs is read.
public struct ViewReading: Sendable, Equatable {
    /// The size that photographs are brought to.
    public enum Resolution: Sendable, Equatable {
        /// As they are, but no wider than 1,600 pixels.
        case automatic
        /// Width and height divided by 1, 2, 4 or 8, rounded.
        case divided(Int)
        /// A width in pixels; the height follows.
        case width(Int)

        /// The size that a photograph is brought to, at least 1 each way; rounded as the reference implementation does it.
        public func size(width: Int, height: Int) -> (width: Int, height: Int) {
            func cut(_ factor: Double) -> (Int, Int) {
                (max(Int(Double(width) / factor), 1), max(Int(Double(height) / factor), 1))
            }
            switch self {
            case .automatic: return width > 1600 ? cut(Double(width) / 1600) : (width, height)
            case .width(let wanted): return cut(Double(width) / Double(max(wanted, 1)))
            case .divided(let factor):
                func rounded(_ size: Int) -> Int {
                    max(Int((Double(size) / Double(max(factor, 1))).rounded(.toNearestOrEven)), 1)
                }
                return (rounded(width), rounded(height))
            }
        }

        /// The resolution of a number as the reference implementation takes it: 1, 2, 4 and 8 divide, -1 is automatic, others are widths.
        ///
        /// - Throws: `SplattingError` for 0 and other numbers below 1.
        public init(number: Int) throws {
            switch number {
            case -1: self = .automatic
            case 1, 2, 4, 8: self = .divided(number)
            case 1...65536: self = .width(number)
            default:
                throw SplattingError("A resolution is -1, 1, 2, 4, 8 or a width of up to 65,536 pixels, got \(number).")
            }
        }
    }

    /// Where masks come from.
    public enum Masks: Sendable, Equatable {
        /// Those that the data set names, and a folder `masks` beside the photographs.
        case automatic
        /// A folder, below the data set's or from the root.
        case folder(String)
        /// None are used.
        case none
    }

    /// How cameras are taken.
    public var cameras = CameraReading()
    /// The size that photographs are brought to.
    public var resolution = Resolution.automatic
    /// The folder of photographs of a COLMAP model, below the data set's folder or from the root; nil is `images`.
    public var images: String?
    /// Where masks come from.
    public var masks = Masks.automatic
    /// Whether photographs are kept out of training for tests; otherwise training has them all.
    public var isEvaluated = false
    /// Of the photographs sorted by name the first of every so many is for tests, where the data set does not say which are.
    public var testEvery = 8
    /// Whether points to begin training with are read; views alone need none.
    public var readsPoints = true
    /// How many points are drawn where the data set has none.
    public var pointCount = 100_000
    /// The seed they are drawn by.
    public var seed: UInt64 = 0
    /// Threads.
    public var workers = ProcessInfo.processInfo.activeProcessorCount

    /// The usual way.
    public init() {}
}
