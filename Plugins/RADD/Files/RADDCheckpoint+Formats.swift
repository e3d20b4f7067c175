import Genera

extension RADDCheckpoint {
    /// The files and folders of other programs that models of the family come in.
    public static let formats: [ModelFormat] = [hubFolder, trainingFile]

    /// A folder of a model hub, its `config.json`, or its `model.safetensors`. It is written as a folder, whose name ends in `.hub`.
    static let hubFolder = ModelFormat(
        "hub", summary: "a folder of a model hub, with config.json and model.safetensors",
        recognises: { path, content in
            guard let content else { return isHubFolder(path) }
            if FileSystem.name(of: path) == "config.json" { return isHubFolder(FileSystem.parent(of: path)) }
            return FileKind(content) == .safetensors && content.contains(markBytes, within: 1 << 20)
                && !content.contains(Array(ModelCheckpoint.Key.family.utf8), within: 1 << 20)
        }, read: { try model(at: $0) }, write: { try HubFolder.write($0, to: $1) })

    /// A file of PyTorch.
    static let trainingFile = ModelFormat(
        "pth", "ckpt", "bin", "pt", summary: "a checkpoint of RADD's, SEDD's or MDLM's code",
        recognises: { _, content in
            guard let content, [.zip, .pickle].contains(FileKind(content)) else { return false }
            return content.contains(markBytes, within: 1 << 22)
        }, read: { try model(at: $0) })

    private static let markBytes = Array(CheckpointWeights.mark.utf8)

    private static func isHubFolder(_ folder: String) -> Bool {
        guard FileSystem.exists("\(folder)/config.json"), (try? weightsFile(of: folder)) != nil else { return false }
        return (try? CheckpointSettings.json(path: "\(folder)/config.json"))?.areOfAbsorbingText ?? false
    }

    private static func model(at path: String) throws -> ModelCheckpoint {
        let checkpoint = try RADDCheckpoint(path: path)
        var metadata = checkpoint.metadata
        metadata["genera.source"] = path
        return ModelCheckpoint(
            family: RADD.name, configuration: try checkpoint.configuration.json(), weights: checkpoint.weights,
            metadata: metadata, path: path)
    }
}

/// Writes models as model hubs keep them, so that the authors' code can read them.
enum HubFolder {
    /// Writes `config.json` and `model.safetensors` into a folder, which is made where there is none.
    ///
    /// - Throws: `FileError` with the system's reason, `GeneraError.usage` for a model that is not of the family.
    static func write(_ model: ModelCheckpoint, to folder: String) throws {
        guard model.family == RADD.name else {
            throw GeneraError.usage("A model of '\(model.family)' is none of '\(RADD.name)'.")
        }
        let c = try RADDConfiguration(json: model.configuration, file: model.path)
        let modulated = try ModulatedWeights(model)
        let weights = try modulated?.tensors ?? NetworkKeys.ordered(model.weights, c, file: model.path)
        try FileSystem.makeFolders(folder)
        try Safetensors.write(weights, metadata: ["format": "pt"], to: "\(folder)/model.safetensors")
        try AtomicFile.write(json(c, modulated).json + "\n", to: "\(folder)/config.json")
    }

    /// The settings that the authors' code looks at.
    private static func json(_ c: RADDConfiguration, _ modulated: ModulatedWeights?) -> JSONValue {
        var network: [JSONValue.Member] = [
            .init("name", "radd"), .init("type", modulated == nil ? "ddit_wot" : "ddit"),
            .init("hidden_size", .integer(c.model.width)),
            .init("cond_dim", .integer(modulated?.conditionWidth ?? 128)),
            .init("length", .integer(c.model.length)), .init("n_blocks", .integer(c.model.blocks)),
            .init("n_heads", .integer(c.model.heads)), .init("dropout", .number(c.model.dropout)),
            .init("use_checkpoint", false), .init("dtype", "float32"),
        ]
        if let modulated { network.append(.init("scale_by_sigma", .bool(modulated.isScaledBySigma))) }
        if c.model.isCausal == true { network.append(.init("causal", true)) }
        var members: [JSONValue.Member] = [
            .init("tokens", .integer(c.tokens)), .init("model", .object(network)),
            .init(
                "noise",
                [
                    "type": .string(c.noise.kind.rawValue), "sigma_min": .number(c.noise.low),
                    "sigma_max": .number(c.noise.high),
                ]),
        ]
        if modulated != nil { members.append(.init("graph", ["type": "absorb"])) }
        if let tokenizer = c.tokenizer { members.append(.init("tokenizer", .string(tokenizer))) }
        if let vocab = c.vocab { members.append(.init("vocab", .string(vocab))) }
        return .object(members)
    }
}
