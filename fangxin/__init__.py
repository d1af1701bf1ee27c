"""房信 Fangxin: one platform that keeps a property market honest, under the law of each jurisdiction."""
