import Genera

extension Recipe {
    /// The recipe as members of a JSON object.
    var members: [(String, JSONOutput)] {
        [
            ("family", .text(family)), ("checkpoint", JSONOutput(checkpoint)),
            ("checkpointSHA256", JSONOutput(checkpointSHA256)), ("seed", .text("\(seed)")),
            ("indices", .text(indices)), ("device", .text(device)), ("engine", .text(engine)),
            ("command", .text(command)),
        ]
    }
}
