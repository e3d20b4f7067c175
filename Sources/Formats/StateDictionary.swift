import Tensors

/// The weights of a model in a file of PyTorch, wherever a training script has put them.
///
///     let weights = try TorchArchive(path: "last.ckpt").weights()
///     weights.place   // "under 'state_dict', without 'module.'"
///
/// They are looked for under ``keys`` in this order, also under several of them in turn, and at the top. What all names begin with
/// because of how a model was trained (``prefixes``) is left out.
public struct StateDictionary: Sendable {
    /// Names and tensors in the file's order.
    public let tensors: [(name: String, tensor: RawTensor)]
    /// The keys that lead to them; empty for the top.
    public let path: [String]
    /// What was left out at the beginning of every name.
    public let prefix: String

    /// Where they were found, in words.
    public var place: String { Self.place(path, prefix) }

    private static func place(_ path: [String], _ prefix: String) -> String {
        let keys = path.isEmpty ? "at the top" : "under \(path.map { quoted($0) }.joined(separator: ", "))"
        return prefix.isEmpty ? keys : "\(keys), without \(quoted(prefix))"
    }

    /// The keys that weights are kept under, averaged weights first.
    public static let keys = [
        "ema", "ema_model", "model_ema", "ema_state_dict", "params_ema", "state_dict", "model_state_dict", "model",
        "net",
        "network", "module", "params", "weights", "pipeline",
    ]

    /// What names begin with in models that were wrapped: by data parallelism, by the compiler, by an average.
    public static let prefixes = ["module.", "_orig_mod.", "ema_model.", "model."]

    /// Where weights lie.
    struct Finding {
        let path: [String]
        let value: PickleValue
        let prefix: String
        var place: String { StateDictionary.place(path, prefix) }
    }

    /// Finds the weights; nil where no dictionary of tensors is at any of the usual places.
    static func find(in root: PickleValue) -> Finding? {
        // Dictionaries that share others lead to them in any number of ways.
        var looks = 1 << 20
        return find(in: root, path: [], &looks)
    }

    private static func find(in value: PickleValue, path: [String], _ looks: inout Int) -> Finding? {
        guard let dictionary = value.dictionary, path.count < 4 else { return nil }
        for key in keys {
            guard let inner = dictionary[key], inner.dictionary != nil else { continue }
            if let found = find(in: inner, path: path + [key], &looks) { return found }
            // Dictionaries of modules, each with its tensors.
            if holdsTensors(inner, depth: 4, &looks) { return Finding(path: path + [key], value: inner, prefix: "") }
        }
        // Single tensors may lie beside the dictionary that is meant, so this comes last.
        looks -= dictionary.count
        guard looks >= 0 else { return nil }
        let isOne = dictionary.entries.contains { $0.key.string != nil && $0.value.tensor != nil }
        return isOne ? Finding(path: path, value: value, prefix: prefix(of: dictionary)) : nil
    }

    /// Whether tensors lie in dictionaries below, under names all the way.
    private static func holdsTensors(_ value: PickleValue, depth: Int, _ looks: inout Int) -> Bool {
        guard let dictionary = value.dictionary, depth > 0 else { return false }
        for (key, item) in dictionary.entries where key.string != nil {
            looks -= 1
            guard looks >= 0 else { return false }
            if item.tensor != nil || holdsTensors(item, depth: depth - 1, &looks) { return true }
        }
        return false
    }

    /// The longest row of prefixes that all names of tensors begin with.
    private static func prefix(of dictionary: PickleDictionary) -> String {
        let names = dictionary.entries.compactMap { $0.value.tensor == nil ? nil : $0.key.string }
        var prefix = ""
        while let next = prefixes.first(where: { candidate in
            names.allSatisfy {
                $0.hasPrefix(prefix + candidate) && $0.utf8.count > prefix.utf8.count + candidate.utf8.count
            }
        }) {
            prefix += next
        }
        return prefix
    }
}

extension TorchArchive {
    /// Where the model's weights lie in the file; nil where they are at none of the usual places.
    public var weightsPlace: String? { StateDictionary.find(in: root)?.place }

    /// The model's weights: a dictionary of tensors at one of the usual places, else all tensors of the file.
    ///
    /// - Throws: ``FormatError`` that names the places looked at and the keys there are, or a tensor that cannot be read.
    public func weights() throws -> StateDictionary {
        if let found = StateDictionary.find(in: root) {
            let tensors = try stateDictionary(at: found.path)
            return StateDictionary(
                tensors: removingPrefix(found.prefix, from: tensors), path: found.path, prefix: found.prefix)
        }
        return StateDictionary(tensors: try stateDictionary(), path: [], prefix: "")
    }
}

extension [String] {
    /// The first few in quotes, for a message.
    var quotedList: String {
        prefix(10).map { quoted($0) }.joined(separator: ", ") + (count > 10 ? " and \(count - 10) more" : "")
    }
}
