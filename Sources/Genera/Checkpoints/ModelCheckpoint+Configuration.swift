#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ModelCheckpoint {
    /// The JSON of a configuration, with sorted keys: the same text, and so the same bytes of checkpoints, in every process. Swift's
    /// own encoder gives another order in each.
    ///
    ///     let configuration = try ModelCheckpoint.configuration(of: VelocityConfiguration(width: 128))
    ///
    /// - Throws: `GeneraError.software` for a value that JSON cannot hold, such as a number that is not finite.
    public static func configuration(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw GeneraError.software("A configuration cannot be written as JSON: \(error)")
        }
    }
}
