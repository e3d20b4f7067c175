import Foundation
import Genera

/// A network that the reference implementation (or EDM, on which it builds) has saved: `network-snapshot-*.pkl`,
/// `training-state-*.pkl` or `training-state-*.pt`.
public struct ReferenceSnapshot: Sendable {
    /// The network's shape, with D if the file tells it.
    public let configuration: NetworkConfiguration
    /// The weights under the names that ours have too.
    public let weights: [(name: String, tensor: RawTensor)]

    /// Reads the averaged network of a file, else the only one, or the one under a key such as `net`.
    ///
    /// - Throws: `FormatError` for a file that cannot be read, `GeneraError.badData` for a network we cannot build.
    public init(path: String, key: String? = nil) throws {
        let file = try EDMPickle(path: path)
        let network = try key.map(file.component) ?? file.network()
        configuration = try NetworkConfiguration(json: Self.json(of: network), file: path)
        weights = network.tensors
    }

    /// The constructor's arguments as JSON, with the class as the wrapper.
    private static func json(of network: EDMPickle.Component) -> String {
        let order = [
            "img_resolution", "img_channels", "label_dim", "pfgmpp", "D", "use_fp16", "sigma_min", "sigma_max",
            "sigma_data",
            "model_type",
        ]
        var options = zip(order, network.arguments).map { ($0, $1) }
        options += network.options.entries.compactMap { entry in entry.key.string.map { ($0, entry.value) } }
        let isFinite = options.last { $0.0 == "pfgmpp" }?.1.bool ?? false
        var fields = options.filter { isFinite || $0.0 != "D" }.compactMap { name, value in
            text(value).map { "\(JSONText.quote(name)): \($0)" }
        }
        if !options.contains(where: { $0.0 == "model_type" }) { fields.append("\"model_type\": \"DhariwalUNet\"") }
        fields.append("\"wrapper\": \(JSONText.quote(network.className))")
        return "{\(fields.joined(separator: ", "))}"
    }

    /// A plain value as JSON; nil for what has no place there.
    private static func text(_ value: PickleValue) -> String? {
        switch value {
        case .bool(let flag): return "\(flag)"
        case .int(let number): return "\(number)"
        case .string(let text): return JSONText.quote(text)
        default: break
        }
        if let items = value.items { return "[\(items.compactMap(text).joined(separator: ", "))]" }
        if let number = value.double { return number.isFinite ? "\(number)" : nil }
        return nil
    }
}

extension ReferenceSnapshot {
    /// The reference's own files as models of the family, averaged weights. Nothing in them is executed.
    public static let format = ModelFormat(
        "pkl", "pt", "pth", summary: "a network snapshot or training state of the authors' code, or of EDM's",
        recognises: { _, content in
            guard let content, content.count > 8 else { return false }
            // Their networks are objects of a class that their code makes persistent.
            return [.pickle, .zip].contains(FileKind(content))
                && content.contains(Array("torch_utils.persistence".utf8), within: 1 << 20)
        },
        read: { path in
            let snapshot = try ReferenceSnapshot(path: path)
            return ModelCheckpoint(
                family: PFGMPP.name, configuration: try snapshot.configuration.json(), weights: snapshot.weights,
                metadata: ["genera.source": path], path: path)
        })
}
