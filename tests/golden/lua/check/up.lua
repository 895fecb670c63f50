require "..helper"
